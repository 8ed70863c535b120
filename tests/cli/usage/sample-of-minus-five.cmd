sample --rows -5 -o data
absent data
