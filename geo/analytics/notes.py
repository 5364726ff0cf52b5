"""What has to be said beside a result: what it counts, where, and what was left out."""

from geo.analytics.checks import Bools
from geo.text import Text


def notes_of(rate: bool, study_given: bool, ranked: Bools, outside: int) -> tuple[Text, ...]:
    """Sentences that belong under a map of counts or rates by cell, most important first."""
    told = [
        Text("Tỷ suất: số sự việc chia cho mẫu số của từng ô.",
             "Rates: events by the denominator of each cell.")
        if rate else
        Text("Số đếm, không phải tỷ suất: nơi đông người có nhiều sự việc hơn dù rủi ro như nhau.",
             "Counts, not rates: crowded places have more events even at the same risk.")
    ]  # fmt: skip
    if not study_given:
        told.append(
            Text("Không có vùng nghiên cứu: ô không có sự việc nào không được xét, nên điểm lạnh "
                 "không có nghĩa.",
                 "No study area was given: cells without any event were not looked at, so cold "
                 "spots mean nothing.")
        )  # fmt: skip
    if few := int((~ranked).sum()):
        told.append(
            Text(f"{few} ô trong {len(ranked)} không xếp hạng: số quá nhỏ hoặc không có gì để so.",
                 f"{few} of {len(ranked)} cells are not ranked: too few events or nothing to "
                 "compare with.")
        )  # fmt: skip
    if outside:
        told.append(
            Text(f"{outside} sự việc nằm ngoài vùng nghiên cứu hoặc ở ô không có mẫu số.",
                 f"{outside} events lie outside the study area or in cells without a denominator.")
        )  # fmt: skip
    return tuple(told)
