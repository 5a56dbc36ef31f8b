"""The procedures of the standard: pictures, steps, where they are busy, slow or done twice."""
