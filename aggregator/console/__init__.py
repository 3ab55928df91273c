"""The live page for admins: Flask, server-sent events, no tiles and no scripts from elsewhere."""
