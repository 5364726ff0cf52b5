import { html, type TemplateResult } from "lit";
import { lang } from "../i18n";

/** What the planning desk says, each sentence beside its translation. */
const WORDS = {
  title: ["Bàn quy hoạch", "Planning desk"],
  loading: ["Đang tải…", "Loading…"], retry: ["Thử lại", "Try again"], close: ["Đóng", "Close"], cancel: ["Hủy", "Cancel"], remove: ["Bỏ", "Remove"],
  failed: ["Chưa tải được", "Could not be loaded"],
  failedWhy: ["Máy chủ chưa trả lời ({why}). Trang tự thử lại sau ít giây.", "The server has not answered ({why}). This page tries again by itself in a few seconds."],
  noReach: ["Không kết nối được máy chủ. Câu hỏi vẫn còn đây; hãy thử lại.", "The server cannot be reached. Your question is kept; try again."],
  noSeat: ["Bạn không có quyền dùng bàn quy hoạch", "You may not use the planning desk"],
  offline: ["Mất mạng. Kết quả đang hiện là của lần hỏi trước.", "No network. What is shown is of the last answer."],
  synthetic: ["Mô phỏng", "Synthetic"], syntheticHint: ["Có dữ liệu mô phỏng để trình diễn.", "Some of the data is simulated for demonstration."],
  help: ["Trợ giúp và phím tắt", "Help and shortcuts"], toWall: ["Bản đồ điều hành", "Operations map"],
  skip: ["Tới câu trả lời", "To the answer"], pages: ["Trang", "Pages"],
  tabAsk: ["Câu hỏi", "Question"], tabMap: ["Bản đồ", "Map"], tabAnswer: ["Trả lời", "Answer"], tabHistory: ["Đã hỏi", "Asked"],

  what: ["Cái gì", "What"], where: ["Ở đâu", "Where"], when: ["Khi nào", "When"], withWord: ["Với điều kiện", "With"],
  modeAsk: ["Đếm", "Count"], modeAnalyse: ["Phân tích", "Analyse"], modeCompare: ["So sánh", "Compare"], modes: ["Làm gì với câu hỏi", "What to do"],
  layer: ["Lớp dữ liệu", "Layer"],
  polygon: ["Vẽ vùng", "Draw an area"], circle: ["Vẽ vòng tròn", "Draw a circle"], ward: ["Chọn phường, xã", "Pick wards"], feature: ["Chọn đối tượng", "Pick a feature"], upload: ["Tải tệp vùng", "Upload a file"],
  polygonShort: ["Vùng", "Area"], circleShort: ["Vòng", "Circle"], wardShort: ["Phường", "Wards"], featureShort: ["Đối tượng", "Feature"], uploadShort: ["Tệp", "File"],
  hint_polygon: ["Bấm từng góc; bấm đúp hoặc Enter để xong. Kết quả hiện ngay khi vẽ.", "Click each corner; double-click or Enter ends. The answer follows as you draw."],
  hint_circle: ["Bấm tâm, kéo ra bán kính, bấm lần nữa để xong.", "Click the centre, move out to the radius, click again."],
  hint_ward: ["Bấm các phường, xã muốn hỏi; bấm lại để bỏ.", "Click the wards to ask about; again to drop one."],
  hint_feature: ["Bấm một đối tượng trên bản đồ.", "Click a feature on the map."],
  hint_measure: ["Bấm từng điểm để đo; bấm đúp để khép vùng.", "Click points to measure; double-click closes the area."],
  searchPlace: ["Tìm địa điểm, phường, tọa độ", "Place, ward or coordinates"], searchNone: ["Không thấy nơi nào như vậy", "No such place"],
  wholeCity: ["Toàn {city}", "All of {city}"], drawnArea: ["Vùng đã vẽ", "The area drawn"], uploaded: ["Tệp {name}", "File {name}"],
  uploadedTold: ["Đã đọc {n} đối tượng, {crs}", "Read {n} features, {crs}"], widened: ["tính cả {m} quanh đó", "with {m} around it"], simplified: ["đã giản lược từ {n} đỉnh", "simplified from {n} vertices"],
  buffer: ["Mở rộng", "Buffer"], radius: ["Bán kính", "Radius"], noArea: ["Bỏ vùng, hỏi toàn thành phố", "Drop the area, ask the whole city"],
  relation: ["Quan hệ với vùng", "Relation to the area"], intersects: ["trong, chạm", "in or touching"], inside: ["trọn bên trong", "wholly inside"], disjoint: ["bên ngoài", "outside"], nearest: ["gần nhất", "nearest"], reach: ["nhìn thấy vùng", "seeing the area"],
  nearestK: ["Số lượng", "How many"],
  h24: ["24 giờ", "24 hours"], d7: ["7 ngày", "7 days"], d30: ["30 ngày", "30 days"], d90: ["90 ngày", "90 days"], allTime: ["Mọi lúc", "Any time"], custom: ["Tùy chọn", "Custom"],
  from: ["Từ", "From"], to: ["Đến", "To"], noTime: ["Lớp này không có thời gian.", "This layer has no times."],
  addCondition: ["Thêm điều kiện", "Add a condition"], noConditions: ["Chưa có điều kiện nào.", "No conditions yet."],
  condField: ["Thuộc tính", "Attribute"], condNear: ["Ở gần lớp khác", "Near another layer"], condWithout: ["Không có lớp khác ở gần", "Without another layer nearby"], condMeets: ["Giao với lớp khác (trong vùng của nó)", "Meeting another layer (in its zones)"], condSees: ["Nhìn thấy đối tượng lớp khác", "Seeing a feature of another layer"], meets: ["giao với {layer}", "meeting {layer}"], sees: ["nhìn thấy {layer}", "seeing {layer}"], condClock: ["Thứ và giờ", "Weekday and hour"], condSearch: ["Có chữ", "With the words"],
  condKind: ["Kiểu điều kiện", "Kind of condition"], metres: ["mét", "metres"], apply: ["Thêm", "Add"], value: ["Giá trị", "Value"], op: ["Phép so", "Comparison"],
  weekdays: ["Thứ", "Weekdays"], hours: ["Giờ", "Hours"], near: ["trong {m} có {layer}", "{layer} within {m}"], without: ["không có {layer} trong {m}", "no {layer} within {m}"],
  isNot: ["không ({what})", "not ({what})"], hasWords: ["có chữ “{text}”", "with “{text}”"], negate: ["Đảo điều kiện này", "Turn this condition round"],
  yes: ["Có", "Yes"], no: ["Không", "No"], isEmpty: ["để trống", "is empty"],
  opHas: ["có chữ", "has the words"], opIn: ["là một trong", "is one of"], opBetween: ["trong khoảng", "is between"],

  answer: ["Câu trả lời", "Answer"], asking: ["Đang hỏi…", "Asking…"], sentence: ["Câu hỏi", "The question"],
  exact: ["đếm chính xác", "exact count"], estimated: ["ước lượng ± {n}", "estimated ± {n}"], atLeast: ["ít nhất", "at least"],
  density: ["{n} / km²", "{n} per km²"], areaKm2: ["{n} km²", "{n} km²"], tookMs: ["{n} ms", "{n} ms"], cost: ["dự kiến đọc {n} dòng", "about {n} rows expected"],
  tooSlow: ["Không hỏi được như vậy", "Not answered"], overTime: ["Theo thời gian", "Over time"], brushHint: ["Kéo trên biểu đồ để chọn khoảng thời gian.", "Drag on the chart to choose a period."], timeless: ["{n} không có thời gian", "{n} without a time"],
  rest: ["khác", "others"], list: ["Danh sách", "List"], listed: ["{n} mới nhất hiện trên bản đồ", "newest {n} on the map"], more: ["Thêm", "More"],
  everyLayer: ["Mọi lớp ở đây", "Every layer here"], emptyHere: ["Không có gì ở đây", "Nothing here"], emptyWhy: ["Hãy mở rộng vùng, chọn khoảng thời gian dài hơn hoặc bớt điều kiện.", "Widen the area, choose a longer period, or drop a condition."],
  filterBy: ["Chỉ lấy {what}", "Only {what}"], export: ["Tải về", "Export"], exportRun: ["Kết quả phân tích", "What was found"], exportRows: ["Dữ liệu của câu hỏi", "Rows of the question"], exportPaper: ["Bản đồ, báo cáo", "Map and report"], exportBusy: ["Đang tạo tệp…", "Making the file…"],

  method: ["Phương pháp", "Method"], parameters: ["Tham số", "Parameters"], advanced: ["Tham số khác", "Further parameters"], run: ["Chạy phân tích", "Run the analysis"], running: ["Đang tính", "Computing"], queued: ["Đang chờ", "Waiting"], stop: ["Dừng", "Stop"],
  against: ["So với lớp", "Other layer"], denominator: ["Chia cho số (mẫu số)", "Divide by (denominator)"], candidates: ["Nơi có thể đặt", "Candidate places"], holder: ["Số liệu của", "Figures of"], newest: ["mới nhất", "the newest"], cells: ["ô lục giác trong vùng", "hexagons of the area"], none: ["không", "none"],
  resolution: ["Cỡ ô lục giác", "Size of hexagons"], slice: ["Lát thời gian", "Slices of time"], slice_day: ["ngày", "days"], slice_week: ["tuần", "weeks"], slice_month: ["tháng", "months"],
  before: ["Kỳ trước", "Before"], after: ["Kỳ sau", "After"], first: ["Kỳ A", "Period A"], second: ["Kỳ B", "Period B"], required: ["cần điền", "needed"], optional: ["tùy chọn", "optional"],
  needsPoints: ["Phương pháp này cần một lớp điểm.", "This method needs a layer of points."], needsGrid: ["Phương pháp này cần một lớp có số liệu dạng lưới: {layers}.", "This method needs a layer that holds figures on a grid: {layers}."], zones: ["Vùng của lớp", "Zones of layer"], example: ["ví dụ {n}", "such as {n}"], inDays: ["= {n} ngày", "= {n} days"],
  done: ["Kết quả", "Result"], failedRun: ["Phân tích không xong", "The analysis failed"], cancelled: ["Đã dừng", "Stopped"], resultsFailed: ["Chưa tải được kết quả: {why}", "Results could not be loaded: {why}"],
  nothingFound: ["Không tìm thấy gì đáng kể", "Nothing stands out"], nothingFoundWhy: ["Không ô hay phường nào khác hẳn ngẫu nhiên với các tham số này. Thử vùng rộng hơn, ô lớn hơn, hoặc khoảng thời gian dài hơn.", "With these parameters no cell or ward differs clearly from chance. Try a larger area, larger cells or a longer period."],
  colorBy: ["Tô màu theo", "Colour by"], byKind: ["loại", "kind"], byValue: ["giá trị", "value"], classes: ["Cách chia lớp", "Classification"], quantile: ["Phân vị", "Quantiles"], natural: ["Ngắt tự nhiên", "Natural breaks"], customLimits: ["Tự chọn", "Custom"], howMany: ["Số lớp", "Classes"], limits: ["Ngưỡng, cách nhau dấu ;", "Limits, parted by ;"],
  legend: ["Chú giải", "Legend"], histogram: ["Phân bố giá trị", "Spread of values"], tableOf: ["Bảng kết quả", "Table of results"], rank: ["#", "#"], name: ["Tên", "Name"], byWard: ["Theo phường, xã", "By ward"], valueCol: ["Giá trị", "Value"],
  about: ["Phương pháp, tham số, cảnh báo", "Method, parameters, caveats"], caveats: ["Cần lưu ý", "Caveats"], references: ["Tài liệu", "References"], dataAt: ["Dữ liệu đến {at}", "Data until {at}"], computedAt: ["tính lúc {at}", "computed {at}"], code: ["mã {v}", "code {v}"],
  save: ["Lưu", "Save"], saved: ["Đã lưu", "Saved"], saveTitle: ["Lưu phân tích", "Save the analysis"], saveName: ["Tên gọi", "Name"], every: ["Tính lại", "Recompute"], every_: ["khi được hỏi", "only when asked"], every_hour: ["mỗi giờ", "every hour"], every_day: ["mỗi ngày", "every day"], every_week: ["mỗi tuần", "every week"],
  shared: ["Chia sẻ với người quy hoạch khác", "Share with other planners"], onWall: ["Hiện thành lớp trên bản đồ điều hành", "Show as a layer on the wall"], needsName: ["Hãy đặt tên trước.", "Give it a name first."],
  againNow: ["Tính lại", "Compute again"], link: ["Chép liên kết", "Copy the link"], linkCopied: ["Đã chép liên kết tới đúng màn hình này.", "A link to exactly this screen is copied."], print: ["In", "Print"], png: ["Ảnh bản đồ (PNG)", "Map picture (PNG)"], pdf: ["Báo cáo PDF", "PDF report"], deleteIt: ["Bỏ", "Delete"], deleted: ["Đã bỏ “{name}”.", "“{name}” is deleted."], undo: ["Hoàn tác", "Undo"], redo: ["Làm lại", "Redo"], broughtBack: ["Đã đưa lại.", "It is back."],
  backToAsk: ["Về câu hỏi", "Back to the question"], noFile: ["Chưa tạo được tệp: {why}", "The file could not be made: {why}"],

  history: ["Đã hỏi", "Asked before"], savedOnes: ["Đã lưu và được chia sẻ", "Saved and shared"], recentRuns: ["Phân tích gần đây", "Recent analyses"], recentAsked: ["Vừa hỏi", "Just asked"], historyEmpty: ["Câu hỏi và phân tích của bạn sẽ nằm ở đây.", "Your questions and analyses will be kept here."], historyFailed: ["Chưa tải được danh sách phân tích.", "The list of analyses could not be loaded."], byOwner: ["của {name}", "by {name}"], onWallTag: ["trên bản đồ", "on the wall"], sharedTag: ["chia sẻ", "shared"], unnamed: ["chưa đặt tên", "unnamed"],
  compareHint: ["Kéo vạch giữa để so hai kỳ.", "Drag the line to compare."], compareLast: ["{n} ngày qua với {n} ngày trước đó", "last {n} days with {n} before"], change: ["Thay đổi", "Change"], swipe: ["Vạch so sánh", "Swipe"], moreThan: ["Bản đồ hiện {n} mới nhất mỗi kỳ.", "The map shows the newest {n} of each period."], perDay: ["{n} mỗi ngày", "{n} a day"], tooFewToCompare: ["Chưa đến {n} sự việc trong cả hai kỳ: quá ít để nói là tăng hay giảm.", "Fewer than {n} events in both periods: too few to speak of a change."], notCause: ["Chênh lệch chưa nói lên nguyên nhân; phương pháp “Trước và sau” cho khoảng tin cậy từng phường.", "A difference is no cause; the method “Before and after” gives each ward's confidence interval."],
  zoomIn: ["Phóng to", "Zoom in"], zoomOut: ["Thu nhỏ", "Zoom out"], zoomAll: ["Xem trọn vùng", "Show the whole area"], measure: ["Đo", "Measure"], mapTools: ["Công cụ bản đồ", "Map tools"], mapName: ["Bản đồ câu hỏi", "Map of the question"],
  sources: ["Nguồn", "Sources"], printed: ["In lúc {at}", "Printed {at}"], paperScale: ["Tỷ lệ khoảng 1:{n} trên giấy A4, bắc ở trên", "Scale about 1:{n} on A4 paper, north up"], methodAsk: ["Đếm trực tiếp trên dữ liệu hiện có theo quyền của người hỏi; điểm trên ranh giới được tính vào vùng.", "Counted on the present data within the asker\u2019s rights; points on the border belong to the area."],
} as const satisfies Record<string, readonly [string, string]>;
export type Said = keyof typeof WORDS;

export function tell(key: Said, values: Record<string, string | number> = {}): string {
  return WORDS[key][lang.value === "en" ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Kinds of results and names of figures: codes of the server in words. */
const CODES: Record<string, readonly [string, string]> = {
  hot: ["Nóng", "Hot"], cold: ["Lạnh", "Cold"], "high-high": ["Cao giữa cao", "High among high"], "low-low": ["Thấp giữa thấp", "Low among low"],
  "high-low": ["Cao giữa thấp", "High among low"], "low-high": ["Thấp giữa cao", "Low among high"],
  new: ["Mới", "New"], consecutive: ["Liên tiếp", "Consecutive"], intensifying: ["Tăng cường", "Intensifying"], persistent: ["Dai dẳng", "Persistent"], diminishing: ["Giảm dần", "Diminishing"],
  sporadic: ["Lác đác", "Sporadic"], oscillating: ["Dao động", "Oscillating"], historical: ["Đã qua", "Historical"],
  rose: ["Tăng", "Rose"], fell: ["Giảm", "Fell"], same: ["Không đổi rõ", "No clear change"], "too-few": ["Quá ít để xếp hạng", "Too few to rank"], empty: ["Không có số", "No value"],
  exposed: ["trong vùng", "inside zones"], spared: ["Chỉ có đất trong vùng", "Ground inside only"],
  cluster: ["Cụm", "Cluster"], site: ["Nơi đề xuất", "Proposed site"], ring: ["Vành", "Ring"], class: ["Lớp", "Class"], band: ["Bậc mật độ", "Density band"], pair: ["Cặp lớp", "Pair of classes"],
  zones: ["vùng", "zones"], km2: ["km² trong vùng", "km² inside"], wards_touched: ["phường, xã", "wards"],
  events: ["sự việc", "events"], cells: ["ô", "cells"], too_few: ["ô quá ít để xếp hạng", "cells too few to rank"], outside: ["điểm ngoài vùng", "points outside"], highest: ["cao nhất", "highest"], clusters: ["cụm", "clusters"], alone: ["điểm lẻ", "alone"],
  places: ["nơi", "places"], facilities: ["cơ sở", "facilities"], mean_m: ["trung bình, m", "mean, m"], median_m: ["trung vị, m", "median, m"], candidates: ["nơi có thể", "candidates"], before: ["trước", "before"], after: ["sau", "after"], gap: ["sai lệch tối đa", "gap"], slices: ["lát", "slices"], correlation: ["tương quan", "correlation"], fit: ["độ khớp", "fit"],
  count: ["số lượng", "count"], low: ["thấp", "low"], high: ["cao", "high"], second: ["giá trị hai", "second value"], share: ["bao phủ", "share"], trend_z: ["z xu thế", "trend z"],
};

/** Whether a code has words: in English some are the code itself. */
export function hasWord(code: string): boolean {
  return code in CODES || code.split("-")[0]! in CODES;
}

/** A code's words where there are any; else the code as it came. */
export function wordOf(code: string): string {
  const at = lang.value === "en" ? 1 : 0;
  if (CODES[code]) return CODES[code]![at];
  const [head, ...rest] = code.split("-");
  const known = CODES[head ?? ""];
  if (!known) return code;
  const tail = rest.map((part) => CODES[part]?.[at].toLowerCase() ?? part);
  return `${known[at]} ${tail.join(head === "pair" ? "–" : " ")}`.trim();
}

const KEYS: [string, string, string][] = [
  ["p", "Vẽ vùng", "Draw an area"], ["c", "Vẽ vòng tròn", "Draw a circle"], ["w", "Chọn phường, xã", "Pick wards"], ["m", "Đo", "Measure"], ["/", "Tìm nơi", "Find a place"],
  ["Ctrl+Z Ctrl+Y", "Hoàn tác, làm lại câu hỏi", "Undo, redo the question"], ["Ctrl+P", "In trang báo cáo", "Print a report page"], ["Enter", "Xong vùng đang vẽ", "End the drawing"], ["1 2 3", "Đếm, phân tích, so sánh", "Count, analyse, compare"], ["s", "Lưu phân tích", "Save the analysis"], ["f", "Toàn màn hình", "Full screen"], ["?", "Trợ giúp này", "This help"], ["Esc", "Đóng, dừng vẽ", "Close, stop drawing"],
];
const READING: [string, string][] = [
  ["≈ là ước lượng từ mẫu, kèm sai số 95 %; ≥ là ít nhất bấy nhiêu; không dấu là đếm đủ.", "≈ is estimated from a sample, with its 95 % margin; ≥ is at least so many; no sign is counted in full."],
  ["Màu ấm là nhiều hơn hoặc tăng, màu lạnh là ít hơn hoặc giảm; bảng màu ColorBrewer đọc được với người mù màu.", "Warm is more or rising, cool is less or falling; ColorBrewer scales are readable with colour blindness."],
  ["Đưa chuột lên dòng, ô hay cột: cùng một kết quả sáng lên ở bảng, bản đồ và biểu đồ.", "Point at a row, a cell or a bar: the same result lights up in table, map and chart."],
];

export function helpBody(): TemplateResult {
  const i = lang.value === "en" ? 1 : 0;
  return html`<h2>${tell("help")}</h2><dl class="keys">${KEYS.map((key) => html`<div><dt>${key[0].split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${key[i + 1]}</dd></div>`)}</dl>
    <ul class="reading">${READING.map((line) => html`<li>${line[i]}</li>`)}</ul>`;
}
