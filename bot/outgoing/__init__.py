"""What all HTTP that goes out has in common: sessions, how a call ends, and how often it is tried."""
