"""The monthly report of service quality (服务质量月报): read, and as DOCX and PDF."""
