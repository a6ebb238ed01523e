"""What the desk can be asked to do, and what it does about what it hears. Knows no AWS."""
