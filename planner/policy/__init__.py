"""What was agreed: strategic targets, their bands, and how they change with age."""
