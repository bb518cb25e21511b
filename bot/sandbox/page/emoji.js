/** The emoji names that messages use, as characters. An unknown name is shown as it was written. */

const NAMES = `
smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|blush 😊|wink 😉|joy 😂|heart_eyes 😍|thinking_face 🤔|thinking 🤔
neutral_face 😐|expressionless 😑|unamused 😒|confused 😕|slightly_frowning_face 🙁|frowning 😦|disappointed 😞|worried 😟
cry 😢|sob 😭|angry 😠|rage 😡|weary 😩|persevere 😣|relieved 😌|sweat 😓|sweat_smile 😅|scream 😱|sunglasses 😎|hugging_face 🤗
wave 👋|+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|point_right 👉|point_left 👈
point_up ☝️|point_down 👇|raised_hand ✋|hand ✋|raising_hand 🙋|handshake 🤝|writing_hand ✍️|eyes 👀|ear 👂|speaking_head_in_silhouette 🗣️
bust_in_silhouette 👤|busts_in_silhouette 👥|office_worker 🧑‍💼|technologist 🧑‍💻
heart ❤️|yellow_heart 💛|green_heart 💚|blue_heart 💙|broken_heart 💔|sparkling_heart 💖|sparkles ✨|star ⭐|star2 🌟|fire 🔥|boom 💥|zap ⚡|100 💯
tada 🎉|confetti_ball 🎊|balloon 🎈|gift 🎁|trophy 🏆|medal 🏅|dart 🎯|rocket 🚀|seedling 🌱|sunny ☀️|sun_with_face 🌞|cloud ☁️|umbrella ☔|rainbow 🌈|crescent_moon 🌙|zzz 💤
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|heavy_multiplication_x ✖️|heavy_plus_sign ➕|heavy_minus_sign ➖
warning ⚠️|no_entry ⛔|no_entry_sign 🚫|rotating_light 🚨|sos 🆘|exclamation ❗|heavy_exclamation_mark ❗|grey_exclamation ❕|question ❓|grey_question ❔|bangbang ‼️
information_source ℹ️|bulb 💡|bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|speech_balloon 💬|left_speech_bubble 🗨️|thought_balloon 💭
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣|large_brown_circle 🟤|black_circle ⚫|white_circle ⚪|radio_button 🔘|o ⭕
large_red_square 🟥|large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|black_large_square ⬛|white_large_square ⬜|small_red_triangle 🔺|small_red_triangle_down 🔻|small_orange_diamond 🔸|small_blue_diamond 🔹|black_small_square ▪️|white_small_square ▫️
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_upper_right ↗️|arrow_lower_right ↘️|arrows_counterclockwise 🔄|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|twisted_rightwards_arrows 🔀|repeat 🔁|fast_forward ⏩|arrow_forward ▶️|double_vertical_bar ⏸️
clock1 🕐|clock2 🕑|clock3 🕒|clock4 🕓|clock5 🕔|clock6 🕕|clock9 🕘|clock12 🕛|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|hourglass ⌛|hourglass_flowing_sand ⏳|watch ⌚|calendar 📆|date 📅|spiral_calendar_pad 🗓️
email 📧|envelope ✉️|e-mail 📧|incoming_envelope 📨|envelope_with_arrow 📩|mailbox 📫|mailbox_with_mail 📬|mailbox_closed 📪|inbox_tray 📥|outbox_tray 📤|package 📦
telephone ☎️|phone ☎️|telephone_receiver 📞|calling 📲|iphone 📱|computer 💻|desktop_computer 🖥️|printer 🖨️|keyboard ⌨️
memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|scissors ✂️|file_folder 📁|open_file_folder 📂|page_facing_up 📄|notebook 📓|books 📚|bookmark 🔖|label 🏷️|card_index 📇|ledger 📒|scroll 📜
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|moneybag 💰|money_with_wings 💸|credit_card 💳|receipt 🧾|euro 💶|dollar 💵|pound 💷
lock 🔒|unlock 🔓|key 🔑|hammer 🔨|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|nut_and_bolt 🔩|mag 🔍|mag_right 🔎|microscope 🔬|bug 🐛|shield 🛡️|construction 🚧|recycle ♻️|wastebasket 🗑️
umbrella_on_ground ⛱️|beach_with_umbrella 🏖️|camping 🏕️|sick 🤢|house 🏠|office 🏢|factory 🏭|hospital 🏥|bank 🏦|convenience_store 🏪|truck 🚚|car 🚗|airplane ✈️|ship 🚢|world_map 🗺️|earth_africa 🌍|globe_with_meridians 🌐|triangular_flag_on_post 🚩|checkered_flag 🏁|waving_white_flag 🏳️
coffee ☕|cake 🍰|birthday 🎂|beers 🍻|palm_tree 🌴|desert_island 🏝️|face_with_thermometer 🤒|baby 👶|robot_face 🤖|ghost 👻|turtle 🐢|snail 🐌|dog 🐶|cat 🐱
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|zero 0️⃣|keycap_ten 🔟|new 🆕|ok 🆗|up 🆙|free 🆓|cool 🆒|id 🆔|vs 🆚|no_good 🙅|shrug 🤷|man-shrugging 🤷‍♂️|woman-shrugging 🤷‍♀️`;

const EMOJI = new Map(
  NAMES.trim()
    .split(/[|\n]/)
    .map((pair) => pair.split(" ")),
);

/** The character for a name such as "wave" or "wave::skin-tone-3"; undefined when it isn't known. */
export const emoji = (name) => EMOJI.get(name.split("::")[0]);
