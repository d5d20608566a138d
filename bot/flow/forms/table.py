"""Every form of several pages there is; a new one is a file of its own and a line here."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.flow.forms import file, file_fields, policy, setting
from bot.flow.forms.page import FormStage
from bot.flow.seams import Seams

FORMS: Final[Mapping[str, Callable[[Seams], FormStage]]] = {
    setting.NAME: setting.SettingForm,
    policy.NAME: policy.PolicyForm,
    file_fields.NAME: file.FileForm,
}
