from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clocks', '0002_breached'),
    ]

    operations = [
        migrations.AddField(
            model_name='clock',
            name='observed',
            field=models.BooleanField(default=False),
        ),
    ]
