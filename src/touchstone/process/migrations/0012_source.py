from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('process', '0011_signing'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='source',
            field=models.TextField(null=True),
        ),
    ]
