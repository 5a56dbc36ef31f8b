"""How often a token asked in its minute, beside its secret."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("identity", "0002_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="tokensecret",
            name="minute",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tokensecret",
            name="asked",
            field=models.BigIntegerField(null=True),
        ),
    ]
