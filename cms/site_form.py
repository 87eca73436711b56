"""The form behind what belongs to one website."""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.models import Site


class SiteForm(WagtailAdminModelForm):
    """As Wagtail's; where there is but one website, a new thing is for that one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and not self.initial.get("site"):
            sites = Site.objects.values_list("pk", flat=True)[:2]
            if len(sites) == 1:
                self.initial["site"] = sites[0]
