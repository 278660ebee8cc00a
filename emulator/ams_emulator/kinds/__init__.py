"""The kinds of resources, one file each. `registry` lists them; a new kind is one file and one line there."""
