"""The client: sends photos to a PixTag server and fetches them, for the commands of `pixtag` for people."""
