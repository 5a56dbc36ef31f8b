"""Rows of cases say for every person what he acted on; before, for every step who had."""

import json

from django.db import migrations


def _turned(acted: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, items in sorted(acted.items()):
        for item in items:
            found.setdefault(item, []).append(key)
    return found


def _turn(apps, schema_editor):
    case = apps.get_model("process", "Case")
    for row in case.objects.exclude(actors="{}").only("id", "actors").iterator():
        turned = _turned(json.loads(row.actors))
        row.actors = json.dumps(
            turned, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        row.save(update_fields=["actors"])


class Migration(migrations.Migration):
    dependencies = [
        ("process", "0006_held"),
    ]

    operations = [
        migrations.RunPython(_turn, _turn),
    ]
