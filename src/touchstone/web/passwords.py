"""What is said of a password that is refused, where Django says it in English only."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator

from touchstone.ui.templatetags.say import say_tag


class LongEnough(MinimumLengthValidator):
    """Django's rule of length, told in both languages."""

    def get_error_message(self) -> str:
        """That it is too short, and how long it has to be."""
        return say_tag(
            "密码太短，至少 {n} 个字符。",
            "This password is too short: it takes {n} characters at least.",
            n=self.min_length,
        )
