"""One's own account page."""

from typing import Any

from wagtail.admin.views.account import AccountView, NameEmailSettingsPanel

from cms.admin.people_forms import OwnNameEmailForm


class OwnNameEmailPanel(NameEmailSettingsPanel):
    """Name and address; Wagtail's own panel asks for first and last names."""

    form_class = OwnNameEmailForm


class OwnAccountView(AccountView):
    """Wagtail's account page with our first panel."""

    def get_panels(self) -> list[Any]:
        """Wagtail's panels, its name panel replaced by ours."""
        panels = super().get_panels()
        return [
            OwnNameEmailPanel(panel.request, panel.user, panel.profile)
            if isinstance(panel, NameEmailSettingsPanel)
            else panel
            for panel in panels
        ]
