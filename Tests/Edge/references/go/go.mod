module reference

go 1.22
