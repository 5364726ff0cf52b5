import pytest

from vision.models import Camera

pytestmark = pytest.mark.django_db
HEADER = "code,name_vi,name_en,lon,lat,bearing_deg,fov_deg,range_m,source,synthetic\n"


@pytest.fixture
def take(tmp_path):
    from geo.packs.report import Report
    from geo.packs.tables import COLUMNS, read_table
    from vision.pack import import_cameras

    class FolderPack:
        slug = "test"

        def table(self, name):
            return read_table(tmp_path / name, COLUMNS[name])

    def run(text):
        (tmp_path / "cameras.csv").write_text(HEADER + text)
        report = Report()
        import_cameras(FolderPack(), report)
        return report

    return run


def test_cameras_come_from_the_pack_and_a_second_import_moves_them(take):
    take("c1,Cầu,Bridge,107.59,16.46,325,70,150,survey,false\nc2,Chợ,,107.60,16.47,,,,,true\n")
    Camera.objects.filter(code="c1").update(address="rtsp://cam.example/1")
    take("c1,Cầu mới,Bridge,107.60,16.46,325,70,150,survey,false\n")
    one, two = Camera.objects.order_by("code")
    assert (one.name_vi, one.geom.x, one.address) == ("Cầu mới", 107.6, "rtsp://cam.example/1")
    assert (two.bearing_deg, two.synthetic, two.state) == (None, True, "off")


def test_a_bad_row_is_refused_and_the_rest_stays(take):
    report = take("c1,A,,107.59,16.46,400,70,150,,\nc2,B,,107.6,16.47,10,70,150,,\n")
    assert [camera.code for camera in Camera.objects.all()] == ["c2"]
    assert len(report.refusals) == 1


def test_new_wards_are_told_to_cameras_that_stood_there_before(take):
    from django.contrib.gis.geos import MultiPolygon, Polygon
    from django.utils import timezone

    from geo.models import District
    from layers.models import PendingChange

    def ward(code, box):
        geom = MultiPolygon(Polygon.from_bbox(box), srid=4326)
        shape = {"geom": geom, "label_point": geom.centroid, "area_km2": 1}
        return District.objects.create(code=code, name_vi=code, name_en=code, **shape)

    take("c1,A,,107.59,16.46,325,70,150,,\nc2,B,,107.70,16.46,,,,,\n")
    assert not Camera.objects.exclude(district=None).exists()
    old = ward("old", (107.5, 16.4, 107.65, 16.5))
    version = Camera.objects.get(code="c1").version
    told = PendingChange.objects.count()
    take("")
    camera = Camera.objects.get(code="c1")
    assert (camera.district, camera.version) == (old, version + 1)
    assert PendingChange.objects.count() == told + 1  # the wall hears of it
    old.retired_at = timezone.now()
    old.save()
    new = ward("new", (107.5, 16.4, 107.75, 16.5))
    take("")
    assert set(Camera.objects.values_list("district", flat=True)) == {new.pk}
