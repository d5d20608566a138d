"""Identity providers behind the `Directory` port, one file each."""
