import { lang } from "../i18n";

/** What the citizen's pages say, each sentence beside its translation. */
const WORDS = {
  title: ["Phản ánh hiện trường", "Field reports"],
  report: ["Phản ánh", "Report"],
  hero: ["Thấy điều gì chưa ổn?", "Seen something wrong?"],
  heroText: [
    "Chụp một tấm ảnh, ghim vị trí, gửi cho thành phố. Không cần tài khoản.",
    "Take a photo, drop a pin, send it to the city. No account needed.",
  ],
  how1: ["Chụp ảnh", "Photo"],
  how2: ["Ghim vị trí", "Pin"],
  how3: ["Gửi và theo dõi", "Send and follow"],
  latest: ["Phản ánh trong khung nhìn", "Reports in view"],
  noneInView: [
    "Chưa có phản ánh nào ở đây. Kéo bản đồ tới nơi khác, hoặc gửi phản ánh đầu tiên.",
    "No reports here yet. Move the map, or send the first one.",
  ],
  mapLoading: ["Đang tải bản đồ…", "Loading the map…"],
  mapFailed: [
    "Chưa tải được bản đồ. Bạn vẫn có thể viết phản ánh; trang sẽ tự thử lại.",
    "The map did not load. You can still write a report; the page tries again by itself.",
  ],
  offline: [
    "Đang ngoại tuyến. Phản ánh được giữ trong máy và tự gửi khi có mạng.",
    "You are offline. Reports stay on this phone and are sent when the net is back.",
  ],
  lost: ["Mất kết nối trực tiếp, đang nối lại…", "Live connection lost, reconnecting…"],
  synthetic: ["Có dữ liệu mô phỏng", "Contains synthetic data"],
  syntheticOne: ["Mô phỏng", "Synthetic"],
  syntheticHint: [
    "Một phần dữ liệu trên bản đồ là mô phỏng để trình diễn, không phải sự việc thật.",
    "Part of the data on this map is simulated for demonstration; it did not happen.",
  ],
  schematic: ["Bản đồ sơ lược", "Schematic map"],
  listShow: ["Danh sách", "List"],
  listHide: ["Đóng danh sách", "Close the list"],
  mine: ["Phản ánh của tôi", "My reports"],
  mineEmpty: [
    "Chưa có phản ánh nào gửi từ máy này. Phản ánh bạn gửi sẽ nằm ở đây để theo dõi.",
    "Nothing was sent from this phone yet. What you send stays here for you to follow.",
  ],
  signIn: ["Đăng nhập", "Sign in"],
  account: ["Tài khoản", "Account"],
  themeDark: ["Chuyển sang nền tối", "Switch to dark"],
  themeLight: ["Chuyển sang nền sáng", "Switch to light"],
  otherLanguage: ["Read this page in English", "Đọc trang này bằng tiếng Việt"],
  locate: ["Vị trí của tôi", "My position"],
  locateUse: ["Dùng vị trí của tôi", "Use my position"],
  locating: ["Đang tìm vị trí…", "Finding your position…"],
  locateDenied: [
    "Máy không cho biết vị trí. Hãy kéo bản đồ để đặt ghim.",
    "The phone did not give a position. Move the map to place the pin.",
  ],
  locateOutside: [
    "Bạn đang ở ngoài thành phố. Hãy kéo bản đồ tới nơi có vấn đề.",
    "You are outside the city. Move the map to where the problem is.",
  ],
  accuracy: ["Sai số khoảng {n} m", "Accurate to about {n} m"],
  zoomIn: ["Phóng to", "Zoom in"],
  zoomOut: ["Thu nhỏ", "Zoom out"],
  close: ["Đóng", "Close"],
  back: ["Quay lại", "Back"],
  next: ["Tiếp tục", "Continue"],
  skip: ["Bỏ qua", "Skip"],
  step: ["Bước {n} trên {m}", "Step {n} of {m}"],
  photoTitle: ["Chụp điều bạn thấy", "Take a photo of what you see"],
  photoHint: [
    "Tối đa 3 ảnh. Thông tin vị trí và máy ảnh trong ảnh bị xóa trước khi gửi.",
    "Up to 3 photos. Place and camera details inside the photo are removed before sending.",
  ],
  photoTake: ["Chụp ảnh", "Take a photo"],
  photoChoose: ["Chọn từ thư viện", "Choose from library"],
  photoRemove: ["Bỏ ảnh {n}", "Remove photo {n}"],
  photoAlt: ["Ảnh {n}", "Photo {n}"],
  photoWorking: ["Đang thu nhỏ ảnh…", "Making the photo smaller…"],
  photoBad: [
    "Không đọc được tệp này. Hãy chọn ảnh JPEG, PNG hoặc WebP.",
    "This file could not be read. Choose a JPEG, PNG or WebP picture.",
  ],
  photoNone: ["Tiếp tục không có ảnh", "Continue without a photo"],
  photoPrivacy: [
    "Tránh chụp rõ mặt người và biển số xe.",
    "Please avoid faces and number plates.",
  ],
  pinTitle: ["Chuyện ở đâu?", "Where is it?"],
  pinHint: ["Kéo bản đồ để ghim chỉ đúng chỗ.", "Move the map until the pin is on the spot."],
  pinKeys: [
    "Bàn phím: chọn bản đồ rồi dùng phím mũi tên, + và −; hoặc tìm tên đường, tọa độ.",
    "Keyboard: focus the map, then arrow keys, + and −; or search a street or coordinates.",
  ],
  pinPublic: [
    "Công chúng chỉ thấy vị trí làm tròn theo ô 200 m.",
    "The public sees only a place rounded to a 200 m grid.",
  ],
  pinOutside: ["Ghim đang ở ngoài thành phố.", "The pin is outside the city."],
  pinHere: ["Ghim ở đây", "Pin it here"],
  searchPlace: ["Tìm đường, địa điểm, tọa độ", "Search street, place, coordinates"],
  searchNone: ["Không tìm thấy “{q}”", "Nothing found for “{q}”"],
  categoryTitle: ["Chuyện gì vậy?", "What is it about?"],
  categoryMissing: ["Chưa tải được danh sách loại phản ánh.", "The list of categories did not load."],
  retry: ["Thử lại", "Try again"],
  nearbyTitle: ["Có phải một trong những phản ánh này?", "Is it one of these?"],
  nearbyHint: [
    "{n} phản ánh đang mở quanh đây. Nếu đã có người báo, bạn có thể theo dõi phản ánh đó.",
    "{n} open reports near here. If somebody reported it already, you can follow theirs.",
  ],
  nearbyFollow: ["Xem", "View"],
  nearbyNone: ["Không, đây là chuyện khác", "No, mine is another matter"],
  wordsTitle: ["Kể thêm một câu", "Add a line"],
  wordsHint: [
    "Ví dụ: ổ gà sâu trước số nhà 12, xe máy dễ ngã.",
    "For example: deep pothole in front of no. 12, motorbikes may fall.",
  ],
  wordsLabel: ["Mô tả", "Description"],
  wordsPrivacy: [
    "Chỉ cán bộ xử lý đọc được phần này.",
    "Only the officers who handle it can read this.",
  ],
  wordsLeft: ["Còn {n} ký tự", "{n} characters left"],
  emergency: ["Khẩn cấp", "Emergency"],
  emergencyHint: [
    "Nguy hiểm đến người ngay lúc này. Cần cứu giúp, hãy gọi 113, 114 hoặc 115.",
    "People are in danger now. For rescue call 113, 114 or 115.",
  ],
  checkTitle: ["Xem lại và gửi", "Check and send"],
  checkPhotos: ["Ảnh", "Photos"],
  checkNoPhotos: ["Không có ảnh", "No photo"],
  checkPlace: ["Vị trí", "Place"],
  checkCategory: ["Loại", "Category"],
  checkWords: ["Mô tả", "Description"],
  checkNoWords: ["Không có mô tả", "No description"],
  edit: ["Sửa", "Change"],
  send: ["Gửi phản ánh", "Send the report"],
  sending: ["Đang gửi…", "Sending…"],
  doneTitle: ["Đã gửi, cảm ơn bạn!", "Sent, thank you!"],
  doneHint: ["Mã phản ánh của bạn", "Your report's code"],
  doneKeep: [
    "Giữ mã này để theo dõi. Phản ánh cũng nằm trong “Phản ánh của tôi” trên máy này.",
    "Keep this code to follow it. It is also under “My reports” on this phone.",
  ],
  queuedTitle: ["Đã giữ lại, sẽ tự gửi", "Kept, and sent by itself later"],
  queuedHint: [
    "Phản ánh nằm an toàn trong máy này và được gửi ngay khi có mạng. Bạn có thể đóng trang.",
    "The report is safe on this phone and is sent as soon as there is a net. You may close the page.",
  ],
  refusedTitle: ["Chưa gửi được", "It could not be sent"],
  mend: ["Sửa và gửi lại", "Mend and send again"],
  follow: ["Theo dõi", "Follow it"],
  share: ["Chia sẻ", "Share"],
  copied: ["Đã sao chép liên kết", "Link copied"],
  copyCode: ["Sao chép mã", "Copy the code"],
  another: ["Về bản đồ", "Back to the map"],
  stateDraft: ["Bản nháp", "Draft"],
  stateQueued: ["Chờ mạng", "Waiting for the net"],
  stateSending: ["Đang gửi", "Sending"],
  stateRefused: ["Cần sửa", "Needs mending"],
  stateSent: ["Đã gửi", "Sent"],
  continueDraft: ["Viết tiếp", "Continue"],
  remove: ["Xóa", "Delete"],
  removeSure: ["Xóa hẳn?", "Delete for good?"],
  trayDrafts: ["{n} bản nháp", "{n} drafts"],
  trayWaiting: ["{n} chờ gửi", "{n} waiting"],
  traySending: ["đang gửi {n}", "sending {n}"],
  trayRefused: ["{n} cần sửa", "{n} to mend"],
  notKept: [
    "Trình duyệt không cho lưu bản nháp; đừng đóng trang trước khi gửi.",
    "This browser keeps no drafts; do not close the page before sending.",
  ],
  waitingForNet: ["Chưa có mạng. Sẽ tự gửi lại.", "No connection. It is sent again by itself."],
  serverSilent: [
    "Máy chủ đang bận. Sẽ tự gửi lại sau ít phút.",
    "The server is busy. It is sent again in a few minutes.",
  ],
  cardPublic: ["Vị trí đã làm tròn", "Rounded position"],
  open: ["Xem phản ánh", "Open the report"],
  reportTitle: ["Phản ánh {code}", "Report {code}"],
  reportLoading: ["Đang tải phản ánh…", "Loading the report…"],
  reportMissing: ["Không có phản ánh nào mang mã này", "There is no report with this code"],
  reportMissingHint: [
    "Kiểm tra lại mã, ví dụ HUE-7K3M-2Q. Mã không có số 0, 1 và chữ O, I, L.",
    "Check the code, for example HUE-7K3M-2Q. Codes have no 0, 1, O, I or L.",
  ],
  reportFailed: ["Chưa tải được phản ánh này.", "This report could not be loaded."],
  reportSteps: ["Các bước xử lý", "What happened"],
  reportMineHint: [
    "Ảnh và mô tả chỉ bạn và cán bộ xử lý thấy.",
    "Only you and the officers who handle it see the photos and the words.",
  ],
  reportPublicHint: [
    "Ảnh và mô tả không hiển thị công khai; vị trí được làm tròn theo ô 200 m.",
    "Photos and words are not public; the place is rounded to a 200 m grid.",
  ],
  reportSent: ["Gửi lúc {at}", "Sent {at}"],
  district: ["Phường, xã", "Ward"],
  toMap: ["Về bản đồ", "To the map"],
  updated: ["Tự cập nhật mỗi phút", "Updates by itself every minute"],
} satisfies Record<string, [vi: string, en: string]>;

export type Said = keyof typeof WORDS;

/** The sentence of this key in the reader's language, `{name}` replaced. */
export function tell(key: Said, values: Record<string, string | number> = {}): string {
  const sentence = WORDS[key][lang.value === "en" ? 1 : 0]!;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The language button's name begins with what stands on it, for those who speak to the page. */
export function otherLanguage(): string {
  return `${lang.value === "vi" ? "EN" : "VI"}: ${tell("otherLanguage")}`;
}
