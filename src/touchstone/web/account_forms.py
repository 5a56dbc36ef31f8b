"""The log-in pages' forms in this house's words: a person id, and no reset by mail.

Accounts have no mail address; whoever forgot his password gets a link from the system administrator.
"""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePassword
from allauth.account.forms import LoginForm as BaseLogin
from allauth.account.forms import ReauthenticateForm as BaseReauthenticate
from allauth.mfa.webauthn.forms import AddWebAuthnForm as BaseAddKey
from allauth.mfa.webauthn.forms import EditWebAuthnForm as BaseEditKey

from touchstone.kernel.text import Text
from touchstone.ui.templatetags.say import say_text

_PERSON = Text("人员编号", "Person id")
_KEY_NAME = Text("名称（如：工位 USB 密钥）", "Name (such as: desk USB key)")
_FORGOTTEN = Text(
    "忘记密码时，请系统管理员给您一个新的设置链接。",
    "If you forgot it, the system administrator gives you a new link.",
)


class LoginForm(BaseLogin):  # type: ignore[misc]
    """Log in by person id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = say_text(_PERSON)
        self.fields["password"].help_text = say_text(_FORGOTTEN)


class ReauthenticateForm(BaseReauthenticate):  # type: ignore[misc]
    """Give the password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class ChangePasswordForm(BaseChangePassword):  # type: ignore[misc]
    """Change one's password, knowing the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = say_text(_FORGOTTEN)


class AddKeyForm(BaseAddKey):  # type: ignore[misc]
    """Add a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = say_text(_KEY_NAME)


class EditKeyForm(BaseEditKey):  # type: ignore[misc]
    """Rename a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = say_text(_KEY_NAME)
