"""What `stacksync check` knows: one small class for each rule."""

from stacksync.rules import (
    answers,
    configuration,
    content,
    elsewhere,
    handler_connections,
    http_calls,
    imports,
    kit_files,
    lock,
    logged_secrets,
    module_config,
    module_folders,
    modules_directory,
    recorded_secrets,
    repository,
    requirements,
    routes,
    schema_platform,
    schema_sense,
    schema_shapes,
    schema_templates,
    schema_text,
    secrets_in_code,
    slow_patterns,
    updates,
)
from stacksync.rules.rule import CheckRule

_CLASSES = (
    *configuration.RULES,
    *modules_directory.RULES,
    *module_folders.RULES,
    *module_config.RULES,
    *kit_files.RULES,
    *schema_text.RULES,
    *schema_sense.RULES,
    *slow_patterns.RULES,
    *schema_shapes.RULES,
    *schema_templates.RULES,
    *schema_platform.RULES,
    *routes.RULES,
    *content.RULES,
    *imports.RULES,
    *http_calls.RULES,
    *handler_connections.RULES,
    *answers.RULES,
    *elsewhere.RULES,
    *logged_secrets.RULES,
    *secrets_in_code.RULES,
    *repository.RULES,
    *requirements.RULES,
    *lock.RULES,
    *updates.RULES,
    *recorded_secrets.RULES,
)

GROUPS = {
    "CFG": "Configuration",
    "MOD": "Module folders",
    "SCH": "Forms",
    "PY": "Code",
    "REP": "Repository",
}

RULES: tuple[CheckRule, ...] = tuple(
    sorted((rule() for rule in _CLASSES), key=lambda rule: (list(GROUPS).index(rule.code[:-3]), rule.code))
)
