"""Pages for the admins of the studio, under ``/admin``. They compose and format; they decide no business rule."""
