"""Pages of lessons that are made up."""

import numpy as np

from forecast.reporting.attention_picture import attention_picture
from forecast.reporting.pages.lessons import Known, Lesson, text_page, translation_page
from forecast.reporting.text_picture import text_picture
from forecast.text_settings import TextSettings
from forecast.translation_settings import TranslatorSettings
from forecast.translators.translator import Look

FALLING = np.linspace(4.0, 1.0, 20)
HOSTILE = "<script>document.title='owned'</script>"


def lesson(settings: TextSettings | TranslatorSettings) -> Lesson:
    return Lesson(
        name="ship",
        settings=settings,
        facts=[("vocabulary", "25 tokens")],
        curve=text_picture("ship", FALLING, FALLING + 0.5, "character"),
        command="forecast text fit ship --epochs 60",
        versions={"python": "3.11"},
    )


KNOWN = Known(1.0, 1.44, 2.7, 2.0)


def of_text(known: Known | None = KNOWN) -> bytes:
    samples = {"At temperature 0.5": "ROMEO:\n" + "x" * 300, "At temperature 1": HOSTILE}
    return text_page(lesson(TextSettings()), known, samples)


def of_a_translator(losses: tuple[float, float] = (5.0, 2.0)) -> bytes:
    shares = np.array([[0.9, 0.1], [0.2, 0.8]])
    looks = [Look(("I", "(end)"), ("Ich", "(end)"), shares)] * 2
    examples = [("I", "Ich", "Ich"), ("you and nobody else in this world", "du", HOSTILE)]
    pictures = attention_picture("german", looks)
    return translation_page(lesson(TranslatorSettings()), losses, examples, pictures)
