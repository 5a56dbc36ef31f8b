"""Courses and exams: what people have learned, proved by papers that the system draws and marks.

A certificate is a passed sitting; it is what a step that demands a course asks for.
"""
