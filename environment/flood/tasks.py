from celery import shared_task

from environment.flood import actions, summaries
from environment.flood.models import FloodGauge, TerrainModel


@shared_task(name="environment.build_terrain", ignore_result=True, queue="long")
def build_terrain(terrain_id: int) -> None:
    terrain = TerrainModel.objects.get(pk=terrain_id)
    if terrain.state == TerrainModel.State.WAITING:
        actions.build(terrain=terrain)
        make_ready.delay(terrain_id)


@shared_task(name="environment.flood_make_ready", ignore_result=True, queue="long")
def make_ready(terrain_id: int) -> int:
    """The zones around the alarm levels of each gauge, made before a flood asks for them."""
    made = 0
    gauges = FloodGauge.objects.filter(terrain=terrain_id, terrain__active=True)
    for gauge in gauges.select_related("sensor", "terrain"):
        levels = {limit.value for limit in gauge.sensor.thresholds.filter(valid_to=None)}
        for stage_m in sorted({level + n / 10 for level in levels for n in range(6)}):
            summaries.of_zone(actions.zone(gauge=gauge, stage_m=stage_m))
            made += 1
    return made
