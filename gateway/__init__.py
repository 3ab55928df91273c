"""One or two at a site: passes triggers on at once, batches the rest, reconnects for ever."""
