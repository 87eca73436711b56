"""People who sign in."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.interface import new_uuid7, utc_now


class Role(models.TextChoices):
    """What the public API lets a person do. Rights inside the editor are Wagtail's groups."""

    ADMIN = "admin", _("Administrator")
    USER = "user", _("User")
    SERVICE = "service", _("Service")


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address, which is stored in lower case."""

    def _create(self, email: str, password: str | None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Stores an ordinary user; without a password the account cannot sign in by one."""
        return self._create(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Stores a user who may do everything, in the role of administrator."""
        fields = {"role": Role.ADMIN, "is_staff": True, "is_superuser": True} | fields
        return self._create(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of that address, whatever the letters' case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail address. The key is a UUIDv7, so it tells no count."""

    id = models.UUIDField(primary_key=True, default=new_uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.USER)
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("Marks the people who run this installation.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("date joined"), default=utc_now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_user_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        """The name, or the address of one who gave none."""
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0] or self.email

    @property
    def first_name(self) -> str:
        """What Wagtail's menu calls the person."""
        return self.get_short_name()


class LoginFailures(models.Model):
    """The latest wrong passwords of one account, address or browser, for the limit on them."""

    subject = models.CharField(primary_key=True, max_length=80)
    failed_at = models.JSONField(default=list, help_text=_("Unix times, oldest first; few."))
    last_failed_at = models.DateTimeField(default=utc_now, db_index=True)

    class Meta:
        verbose_name = _("login failures")
        verbose_name_plural = _("login failures")
        default_permissions = ()
