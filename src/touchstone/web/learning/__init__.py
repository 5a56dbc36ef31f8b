"""Pages of courses, exams and certificates."""
