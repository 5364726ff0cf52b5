import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ioc.reports.models import Category, Report, SuggestionModel
from ioc.reports.suggestion import NONE, Model, pack
from ioc.reports.training import Example, train
from ioc.reports.workflow import State

SEED = settings.BASE_DIR / "fixtures" / "reports" / "seed.csv"
ABOUT_NOTHING = "other"
LEAST_OF_A_CATEGORY = 30
LEAST = 300
MOST = 50_000
HELD_SHARE = 0.2


class Command(BaseCommand):
    help = (
        "Train the category suggestion on the city's own resolved reports, or on the synthetic"
        " seed; print its accuracy on rows it was not trained on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", action="store_true", help="train on the synthetic seed")
        parser.add_argument("--out", type=Path, help="write the model here and store no row")

    def handle(self, *args: Any, **options: Any) -> None:
        model = trained_on_seed() if options["seed"] else self._trained_on_reports()
        data = pack(model)
        if out := options["out"]:
            out.write_bytes(data)
        else:
            keep(model, data)
        self._tell(model, len(data))

    def _trained_on_reports(self) -> Model:
        examples, held, too_few = own_examples()
        if too_few:
            named = ", ".join(f"{code} ({n})" for code, n in sorted(too_few.items()))
            self.stderr.write(f"fewer than {LEAST_OF_A_CATEGORY} examples, left out: {named}")
        categories = {one.category for one in examples} - {NONE}
        if len(examples) < LEAST or len(categories) < 2:
            raise CommandError(
                f"{len(examples)} resolved reports of {len(categories)} categories with enough"
                f" examples are too few; {LEAST} of two are needed. The model in use stays."
                " With --seed the synthetic seed is used."
            )
        return train(examples, held, synthetic=False, too_few=too_few)

    def _tell(self, model: Model, size: int) -> None:
        facts, held = model.facts, model.facts["held_back"]
        kind = "synthetic seed" if model.synthetic else "the city's own reports"
        self.stdout.write(f"trained on {facts['examples']} examples of {kind}; {size} bytes")
        more = f"and {held['about_nothing']} about nothing"
        self.stdout.write(f"held back: {held['examples']} reports {more}, never trained on")
        self.stdout.write(f"  accuracy                {held['accuracy']}")
        for category, share in held["by_category"].items():
            self.stdout.write(f"    {category:<22}{share}")
        self.stdout.write(f"  calibration error (ECE) {held['calibration_error']}")
        self.stdout.write(f"  suggests for            {held['said']}")
        self.stdout.write(f"  right when it suggests  {held['right_when_said']}")
        self.stdout.write(f"  silent about nothing    {held['silent_about_nothing']}")


def trained_on_seed() -> Model:
    """A model of the synthetic seed alone."""
    rows = seed_rows()
    return train(
        [example for part, example in rows if part != "held"],
        [example for part, example in rows if part == "held"],
        synthetic=True,
        sentences_held=len({example.phrase for part, example in rows if part == "held"}),
    )


def seed_rows() -> list[tuple[str, Example]]:
    """The seed's rows with the part each plays; none where the seed was not shipped."""
    if not SEED.exists():
        return []
    with SEED.open(encoding="utf-8", newline="") as file:
        return [
            (
                row["part"],
                Example(
                    row["words"],
                    NONE if row["category"] == ABOUT_NOTHING else row["category"],
                    f"{row['category']} {row['phrase']}",
                    alone=row["part"] in {"alone", "held"},
                ),
            )
            for row in csv.DictReader(file)
        ]


def own_examples() -> tuple[list[Example], list[Example], dict[str, int]]:
    """Resolved reports to train on, the newest fifth held back, and categories with too few.

    What is about nothing comes from the seed: such reports are rejected, not resolved.
    """
    rows = list(
        Report.objects.filter(state=State.RESOLVED, synthetic=False)
        .exclude(words="")
        .order_by("-received_at")
        .values_list("words", "category_id")[:MOST]
    )[::-1]
    active = Category.objects.filter(active=True).values_list("pk", flat=True)
    counts = Counter(category for _words, category in rows)
    too_few = {code: counts[code] for code in active if counts[code] < LEAST_OF_A_CATEGORY}
    enough = set(active) - set(too_few)
    made = [Example(words, code, words.lower()) for words, code in rows if code in enough]
    cut = int(len(made) * (1 - HELD_SHARE))
    nothing = [(part, one) for part, one in seed_rows() if one.category == NONE]
    examples = made[:cut] + [one for part, one in nothing if part != "held"]
    known = {one.phrase for one in made[:cut]}
    held = [one for one in made[cut:] if one.phrase not in known]
    return examples, held + [one for part, one in nothing if part == "held"], too_few


def keep(model: Model, data: bytes) -> SuggestionModel:
    """The model as the newest row: every process uses it within a minute."""
    digest = hashlib.sha256(data).hexdigest()
    SuggestionModel.objects.filter(digest=digest).delete()
    return SuggestionModel.objects.create(
        digest=digest,
        examples=model.facts["examples"],
        synthetic=model.synthetic,
        facts=model.facts,
        weights=data,
    )
