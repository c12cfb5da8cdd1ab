"""What is written of a class's marks: tables, sheets for Canvas and Moodle, feedback and statistics pages."""
