"""Settings, the event log, the loader, the warehouse and the operational database. Nothing of the business."""
