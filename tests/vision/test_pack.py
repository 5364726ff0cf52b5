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
