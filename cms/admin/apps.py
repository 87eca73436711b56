from wagtail.users.apps import WagtailUsersAppConfig


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's user administration, with our forms; the rules stand in `permission_policies`."""

    user_viewset = "cms.admin.people_views.PeopleViewSet"
