/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft's clouds and where their services are. A token of one is worthless in another.
 */
#include "hb/azure.h"

static const struct azure_cloud clouds[] = {
    { "public", "https://login.microsoftonline.com", "https://api.loganalytics.azure.com",
      "https://graph.microsoft.com", "https://api.security.microsoft.com", "vault.azure.net" },
    { "usgov", "https://login.microsoftonline.us", "https://api.loganalytics.us",
      "https://graph.microsoft.us", "https://api-gov.security.microsoft.us", "vault.usgovcloudapi.net" },
    { "china", "https://login.partner.microsoftonline.cn", "https://api.loganalytics.azure.cn",
      "https://microsoftgraph.chinacloudapi.cn", NULL, "vault.azure.cn" },
};
static const char *const aliases[][2] = { { "global", "public" }, { "gov", "usgov" }, { "cn", "china" } };

const struct azure_cloud *azure_cloud_find(struct str name)
{
    if (!name.n)
        return &clouds[0];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (str_eq_nocase(name, str_z(aliases[i][0])))
            name = str_z(aliases[i][1]);
    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++)
        if (str_eq_nocase(name, str_z(clouds[i].name)))
            return &clouds[i];
    return NULL;
}
