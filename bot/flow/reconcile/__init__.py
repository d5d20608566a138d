"""The nightly round: what people leave behind who left is suspended, moved or ended, and admins are told."""
