sample --rows 3 --seed 1 -o data
show data/DeviceNetworkEvents.csv
