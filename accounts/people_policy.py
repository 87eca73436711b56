"""Who may manage whom.

Somebody who manages users without being a superuser must not rise by it: neither by giving
himself (or a friend) what he lacks, nor by setting the password of a person who has more.
So he manages only people whose rights are a part of his own, and grants only what he has.
"""

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from accounts.models import Role, User


def may_manage(*, actor: User, person: User) -> bool:
    """Whether `actor`'s rights include all of `person`'s. Two selects, none for a superuser.

    That `actor` may manage users at all is Django's permission, asked elsewhere.
    """
    if not actor.is_active:
        return False
    if actor.is_superuser:
        return True
    if person.is_superuser or person.is_staff:
        return False
    if person.role not in grantable_roles(actor):
        return False
    if person.user_permissions.exclude(pk__in=actor.user_permissions.values("pk")).exists():
        return False
    return not person.groups.exclude(pk__in=actor.groups.values("pk")).exists()


def grantable_groups(actor: User) -> QuerySet[Group]:
    """The groups that `actor` may give: his own; any, for a superuser."""
    groups = Group.objects.all() if actor.is_superuser else actor.groups.all()
    return groups.order_by("name")


def grantable_roles(actor: User) -> tuple[Role, ...]:
    """The roles that `actor` may give: an administrator any, others what they are, or `user`."""
    if actor.is_superuser or actor.role == Role.ADMIN:
        return tuple(Role)
    return tuple(role for role in Role if role in {Role.USER, actor.role})


def manageable_people(actor: User) -> QuerySet[User]:
    """The people for whom `may_manage` holds, as one query."""
    people = User.objects.all()
    if not actor.is_active:
        return people.none()
    if actor.is_superuser:
        return people
    lacked = Group.objects.exclude(pk__in=actor.groups.values("pk"))
    return (
        people.filter(is_superuser=False, is_staff=False, role__in=grantable_roles(actor))
        .exclude(groups__in=lacked)
        .exclude(user_permissions__isnull=False)
    )
