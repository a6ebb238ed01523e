"""What mail and alerts mean. Pure: bytes and values in, values out."""
