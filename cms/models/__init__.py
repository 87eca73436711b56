"""The pages, snippets and settings that editors work on."""

from cms.models.announced_schedule import AnnouncedSchedule
from cms.models.base import BasePage
from cms.models.blog import BlogIndexPage, BlogPostAuthor, BlogPostPage, BlogPostTag
from cms.models.importing import ImportedItem, ImportRun, ImportSource
from cms.models.pages import HomePage, StandardPage
from cms.models.profiles import ProfileIndexPage, ProfilePage
from cms.models.rebuild_run import RebuildRun
from cms.models.services import ServiceIndexPage, ServicePage, ServiceRelatedPost
from cms.models.site_settings import SiteSettings
from cms.models.snippets import Banner, Category, NavigationMenu
from cms.models.tasks import PeerApprovalTask

__all__ = [
    "AnnouncedSchedule",
    "Banner",
    "BasePage",
    "BlogIndexPage",
    "BlogPostAuthor",
    "BlogPostPage",
    "BlogPostTag",
    "Category",
    "HomePage",
    "ImportRun",
    "ImportSource",
    "ImportedItem",
    "NavigationMenu",
    "PeerApprovalTask",
    "ProfileIndexPage",
    "ProfilePage",
    "RebuildRun",
    "ServiceIndexPage",
    "ServicePage",
    "ServiceRelatedPost",
    "SiteSettings",
    "StandardPage",
]
