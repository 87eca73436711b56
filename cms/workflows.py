"""The editorial side's standing order: who may do what, and which way a text goes to print."""

from collections.abc import Iterable
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.simple_translation.models import SimpleTranslation
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import Image
from wagtail.models import (
    Collection,
    DraftStateMixin,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)
from wagtail.snippets.models import get_snippet_models

from cms.models import Category, PeerApprovalTask, SiteSettings
from outbox.interface import LedgerEvent

EDITORS: Final = "Editors"
MODERATORS: Final = "Moderators"
OPERATORS: Final = "Operators"
WORKFLOW_NAME: Final = "Editorial review, then approval"
REVIEW_NAME: Final = "Editorial review"
APPROVAL_NAME: Final = "Approval"

_LOCALES: Final = ("en", "fr")
# What Wagtail's own migrations set up on the root, and this replaces.
_WAGTAIL_WORKFLOW_NAME: Final = "Moderators approval"

_PAGE_RIGHTS: Final = {
    EDITORS: ("add_page", "change_page"),
    MODERATORS: (
        "add_page",
        "change_page",
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    ),
}
_FILE_RIGHTS: Final = {
    EDITORS: ("add", "change", "choose"),
    MODERATORS: ("add", "change", "delete", "choose"),
}


@transaction.atomic
def ensure_editorial_setup() -> None:
    """Sets up locales, the groups with their rights, and the workflow on the tree's root.

    A second run changes nothing. Rights that somebody added stay, and a workflow that somebody
    put on the root in place of this one stays too: only Wagtail's default one is replaced.
    """
    for code in _LOCALES:
        Locale.objects.get_or_create(language_code=code)
    editors, _ = Group.objects.get_or_create(name=EDITORS)
    moderators, _ = Group.objects.get_or_create(name=MODERATORS)
    for group in (editors, moderators):
        _grant_pages(group)
        _grant_files(group)
        group.permissions.add(*_model_rights(group.name))
    _grant_collections(moderators)
    operators, _ = Group.objects.get_or_create(name=OPERATORS)
    operators.permissions.add(*_operators_rights())
    _ensure_workflow(editors, moderators)


def _grant_pages(group: Group) -> None:
    root = Page.get_first_root_node()
    for permission in _permissions(Page, _PAGE_RIGHTS[group.name]):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _grant_files(group: Group) -> None:
    """Rights on every image and document; Wagtail keeps them on its base models, by collection."""
    root = Collection.get_first_root_node()
    for model in (Image, WagtailDocument):
        codenames = [f"{verb}_{model._meta.model_name}" for verb in _FILE_RIGHTS[group.name]]
        for permission in _permissions(model, codenames):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )


def _grant_collections(group: Group) -> None:
    root = Collection.get_first_root_node()
    codenames = ("add_collection", "change_collection", "delete_collection")
    for permission in _permissions(Collection, codenames):
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=root, permission=permission
        )


def _model_rights(group_name: str) -> list[Permission]:
    """Rights that hold for a whole model.

    A snippet without drafts is public as soon as it is saved, so editors do not change those:
    that would be a way around the review. A new category shows nowhere until a post has it.
    """
    rights = [
        *Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin"),
        *_permissions(SimpleTranslation, ["submit_translation"]),
    ]
    for model in get_snippet_models():
        verbs: tuple[str, ...] = ("add", "change", "delete")
        if issubclass(model, DraftStateMixin):
            verbs = ("add", "change") if group_name == EDITORS else (*verbs, "publish")
        elif group_name == EDITORS:
            verbs = ("add",) if model is Category else ()
        rights += _permissions(model, [f"{verb}_{model._meta.model_name}" for verb in verbs])
    if group_name == MODERATORS:
        rights += _permissions(SiteSettings, ["change_sitesettings"])
        rights += _permissions(Redirect, ["add_redirect", "change_redirect", "delete_redirect"])
        rights += Permission.objects.filter(
            content_type__app_label="search", codename="manage_search"
        )
    return rights


def _operators_rights() -> list[Permission]:
    """To see Operations and to act there; of the content, nothing."""
    return [
        *Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin"),
        *_permissions(LedgerEvent, ["view_operations", "manage_operations"]),
    ]


def _permissions(model: type[Model], codenames: Iterable[str]) -> list[Permission]:
    content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
    wanted = set(codenames)
    found = list(Permission.objects.filter(content_type=content_type, codename__in=wanted))
    missing = wanted - {permission.codename for permission in found}
    if missing:
        raise LookupError(f"{model.__name__} has no permission {', '.join(sorted(missing))}.")
    return found


def _ensure_workflow(editors: Group, moderators: Group) -> None:
    workflow = Workflow.objects.filter(name=WORKFLOW_NAME).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=WORKFLOW_NAME)
        # Moderators review too, so that one editor and one moderator can publish a text.
        steps = ((REVIEW_NAME, (editors, moderators)), (APPROVAL_NAME, (moderators,)))
        for order, (name, groups) in enumerate(steps):
            task = PeerApprovalTask.objects.create(name=name)
            task.groups.set(groups)
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=order)
    root = Page.get_first_root_node()
    on_root = WorkflowPage.objects.filter(page=root).select_related("workflow").first()
    if on_root is not None and on_root.workflow.name == _WAGTAIL_WORKFLOW_NAME:
        on_root.workflow.deactivate()
        on_root = None
    if on_root is None and workflow.active:
        WorkflowPage.objects.create(page=root, workflow=workflow)
