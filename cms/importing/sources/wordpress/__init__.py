"""WordPress: an export file (WXR) becomes items for the importer."""
