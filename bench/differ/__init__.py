"""Both hot paths side by side on the same random streams: whatever comes, they do the same."""
