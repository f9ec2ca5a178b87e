"""What a module's config.py tells the platform."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ModuleConfig:
    """What the platform lists of a module: `CONFIG = ModuleConfig(module_name="Create records")`.

    Args:
        module_name: What users see; by default the folder's name.
        requires_credentials_for_schema: Whether the schema handler needs the connection.
        on_content_update: Whether the platform asks for the form once more when a workflow runs.
        on_content_initialized: Whether it asks for choices when the form is first shown.
    """

    module_name: str | None = None
    module_description: str = ""
    module_category: str = "action"
    supports_action: bool = True
    supports_trigger: bool = False
    requires_credentials_for_schema: bool = False
    module_icon_svg_url: str | None = None
    on_content_update: bool = True
    on_content_initialized: bool = True
    on_create: bool = False
    on_update: bool = False
    on_delete: bool = False
