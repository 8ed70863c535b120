/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DuckDB's C functions, found at run time: commands that touch no rows never pay for the library.
 *
 * DUCK_FUNCTIONS lists what this folder calls; `duck.query(...)` is duckdb_query(...). To use one more function of
 * duckdb.h: add its name (without duckdb_) to the list.
 *
 * `duck` is the one writable object at file scope: it is filled once, under pthread_once, before the first engine exists, and
 * never changed. It has to be reachable without a pointer because DuckDB's callbacks hand over nothing that could be read
 * without calling it.
 */
#ifndef HB_ENGINE_DUCK_API_H
#define HB_ENGINE_DUCK_API_H

#define DUCKDB_API_NO_DEPRECATED
#include <duckdb.h>
#include <stdbool.h>

#include "hb/err.h"

#define DUCK_FUNCTIONS(X)                                                                                    \
    X(appender_create)                                                                                       \
    X(appender_destroy)                                                                                      \
    X(appender_error_data)                                                                                   \
    X(append_data_chunk)                                                                                     \
    X(bind_get_extra_info)                                                                                   \
    X(close)                                                                                                 \
    X(column_count)                                                                                          \
    X(column_logical_type)                                                                                   \
    X(column_name)                                                                                           \
    X(column_type)                                                                                           \
    X(connect)                                                                                               \
    X(create_config)                                                                                         \
    X(create_data_chunk)                                                                                     \
    X(create_list_type)                                                                                      \
    X(create_logical_type)                                                                                   \
    X(create_scalar_function)                                                                                \
    X(create_struct_type)                                                                                    \
    X(data_chunk_get_column_count)                                                                           \
    X(data_chunk_get_size)                                                                                   \
    X(data_chunk_get_vector)                                                                                 \
    X(data_chunk_reset)                                                                                      \
    X(data_chunk_set_size)                                                                                   \
    X(destroy_config)                                                                                        \
    X(destroy_data_chunk)                                                                                    \
    X(destroy_error_data)                                                                                    \
    X(destroy_expression)                                                                                    \
    X(destroy_logical_type)                                                                                  \
    X(destroy_pending)                                                                                       \
    X(destroy_prepare)                                                                                       \
    X(destroy_result)                                                                                        \
    X(destroy_scalar_function)                                                                               \
    X(destroy_scalar_function_set)                                                                           \
    X(create_scalar_function_set)                                                                            \
    X(add_scalar_function_to_set)                                                                            \
    X(register_scalar_function_set)                                                                          \
    X(destroy_value)                                                                                         \
    X(disconnect)                                                                                            \
    X(error_data_message)                                                                                    \
    X(execute_pending)                                                                                       \
    X(execute_prepared)                                                                                      \
    X(expression_fold)                                                                                       \
    X(expression_is_foldable)                                                                                \
    X(fetch_chunk)                                                                                           \
    X(free)                                                                                                  \
    X(get_bool)                                                                                              \
    X(get_double)                                                                                            \
    X(get_int64)                                                                                             \
    X(get_type_id)                                                                                           \
    X(get_value_type)                                                                                        \
    X(get_varchar)                                                                                           \
    X(interrupt)                                                                                             \
    X(is_null_value)                                                                                         \
    X(library_version)                                                                                       \
    X(list_vector_get_child)                                                                                 \
    X(list_vector_get_size)                                                                                  \
    X(list_vector_reserve)                                                                                   \
    X(list_vector_set_size)                                                                                  \
    X(logical_type_get_alias)                                                                                \
    X(logical_type_set_alias)                                                                                \
    X(nparams)                                                                                               \
    X(open_ext)                                                                                              \
    X(pending_error)                                                                                         \
    X(pending_execute_task)                                                                                  \
    X(pending_prepared)                                                                                      \
    X(prepare)                                                                                               \
    X(prepare_error)                                                                                         \
    X(prepared_statement_column_count)                                                                       \
    X(prepared_statement_column_logical_type)                                                                \
    X(prepared_statement_column_type)                                                                        \
    X(query)                                                                                                 \
    X(query_progress)                                                                                        \
    X(register_scalar_function)                                                                              \
    X(result_error)                                                                                          \
    X(result_error_type)                                                                                     \
    X(rows_changed)                                                                                          \
    X(scalar_function_add_parameter)                                                                         \
    X(scalar_function_bind_get_argument)                                                                     \
    X(scalar_function_bind_get_argument_count)                                                               \
    X(scalar_function_bind_get_extra_info)                                                                   \
    X(scalar_function_bind_set_error)                                                                        \
    X(scalar_function_get_bind_data)                                                                         \
    X(scalar_function_get_client_context)                                                                    \
    X(scalar_function_get_extra_info)                                                                        \
    X(scalar_function_set_bind)                                                                              \
    X(scalar_function_set_bind_data)                                                                         \
    X(scalar_function_set_bind_data_copy)                                                                    \
    X(scalar_function_set_error)                                                                             \
    X(scalar_function_set_extra_info)                                                                        \
    X(scalar_function_set_function)                                                                          \
    X(scalar_function_set_name)                                                                              \
    X(scalar_function_set_return_type)                                                                       \
    X(scalar_function_set_special_handling)                                                                  \
    X(scalar_function_set_varargs)                                                                           \
    X(scalar_function_set_volatile)                                                                          \
    X(set_config)                                                                                            \
    X(struct_vector_get_child)                                                                               \
    X(validity_set_row_invalid)                                                                              \
    X(vector_assign_string_element_len)                                                                      \
    X(vector_ensure_validity_writable)                                                                       \
    X(vector_get_column_type)                                                                                \
    X(vector_get_data)                                                                                       \
    X(vector_get_validity)                                                                                   \
    X(vector_size)

struct duck_api {
#define DUCK_FIELD(name) __typeof__(&duckdb_##name) name;
    DUCK_FUNCTIONS(DUCK_FIELD)
#undef DUCK_FIELD
};

extern struct duck_api duck;

/* Fills `duck`, once per process. False and *err: not found, or older than 1.5; the text names `make deps`. */
bool duck_load(struct err *err);

#endif
