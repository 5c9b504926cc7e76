"""The opening request, answers without an upgrade, pages, origins."""
