"""What Dynamics 365 Sales does around a write; each module registers its rules per table."""
