"""Common words of receipts in English and Malay, so that a recogniser knows what a worn word may have been.

`ocr.synthesis.varied` mixes them with invented words: characters are still learnt one by one, the words only help where
the print leaves a choice, as between I and l or O and 0.
"""

from __future__ import annotations

ENGLISH = """
a able about above accept accepted access account accounts acknowledge actual add added additional address adjusted
adjustment adult advance advice after again against agent agree agreed agreement air all allow allowed already also
amount amt an and annual any apologise apple application applicable apply approval approved are area arrival as ask
assistance at attendant auth authorised auto automatic available avenue average bag baked baker bakery balance bank
banking bar barcode base based basic basket bath battery bay be beauty because been beef beer before below benefit
best better beverage bill billing birthday biscuit black block blue board body book booking booklet bottle bought bowl
box branch brand bread breakfast bring brown brush building bulk bulb bundle burger business but butter button buy
buyer by cable cake call called can cancel cancelled cannot canned car card cardholder care carpet carrier carry
carton case cash cashback cashier catalogue category centre certificate change changed charge charges check cheese
chemical cheque chicken child children chilli chips chocolate choice choose city claim claims class clean cleaner
clear client close closed closing cloth clothing club coconut code coffee coin cold collect collected collection
colour come comment comments commercial common company compare complaint complaints complete complimentary computer
condition conditions confirm confirmed consumer contact container contains contents continue control convenience cook
cooking cooler copy corner corporation correct cost cotton counter country coupon courtesy cover covers cream credit
crispy cup currency current customer customers cut daily damaged data date dated day days deal dealer dear debit
december decision deduct deducted deep delicious deliver delivered delivery department deposit description dessert
detail details device diesel different digital dining dinner direct discount discounted dish display dispute
distribution document doctor does dollar done door double down download drawer dress drink drinks driver drop dry due
duplicate duty each early earn earned easy eat effect effective egg eight electric electrical electronic eligible
email employee end engine engineering english enjoy ensure enquiries enquiry entered entertained enterprise entitled
entry equipment error evening event every except excess exchange exchangeable exchanged exchanges excluding exclusive
exempt exempted exit expiry expired express extra face facebook factory family fan farm fashion fax fee feedback few
field file filter final find fine first fish five fixed flavour floor flour flower folder follow following food foods
foot for foreign form found four free freight fresh fried friendly from front frozen fruit fruits fuel full function
furniture future gallery game garden garment gas gate general get gift ginger given glass global glove glue goods
grand grape great green grill grilled grocery gross ground group guarantee guest half hand happy hard hardware have
head health help here high hold holder home honey hope hospital hot hotel hour hours house household housing how
however ice iced identification if import important in include included includes including inclusive income incorrect
individual industrial industries information initial input inside inspection instruction instructions insurance
interest international internet into invoice is issue issued it item items its jelly join journal juice keep key kids
kindly kit kitchen label lamb large last late later latest leaf leather left lemon less let level licence light like
lime limit limited line link liquid list litre local location long loose lorry lost loyalty lunch made magazine mail
main maintenance make management manager mango manual manufacturing many march mark market mask master material may
meal measure meat medical medicine medium member members membership menu merchandise merchant message metal method
milk mineral minimum minute minutes miscellaneous missing mobile mode model money month monthly more morning most
motor multi mushroom music must name national natural near necessary need net network never new news next nice night
no non noodle noodles normal not note notes notice now number object of off offer offers office officer official oil
old on once one onion online only open opened opening operation operator option or orange order ordered orders organic
original other others our out outlet outside outstanding over overdue own owner pack package packaging packet page
paid paint pair pan paper park parking part particulars parts party password past pasta paste patronage pax pay
payable payment payments pen pending people pepper per percent period permit person personal petrol pharmacy phone
photo physical pick picture piece pieces pin pipe place plain plan plastic plate please plug plus point points policy
pork port portion possible post potato powder power prawn premium prepaid present presented preview previous price
prices print printed printing prior private problem process processing produce product products professional profit
programme project promo promotion promotional proof protection provide provided public pump purchase purchased
purchaser purchases purpose put quality quantity quarter query question quick rate rated rates ready receipt receive
received recommended record red redeem redeemed redemption reduce reduced ref refer reference refill refund refundable
refunded refunds regards register registered registration regular remark remarks remove rent repair replacement report
request require required reserve reserved responsible rest restaurant result retail retain return returnable returned
returns review reward rewards rice right ring road roast roasted roll room rose round rounded rounding route rubber
run safety salad sale sales salesman salmon salt same sample sandwich sauce save saved saving savings scan schedule
school screw seafood seal seat second section security see select selected self sell seller serial series serve served
server service services session set settlement seven share sheet shelf shift ship shipping shirt shoe shoes shop
shopping short should show shower side sign signature silver simplified sincerely single site six size skin slice slip
small smart smile smoke snack soap social sodium soft sold solution some soon sorry soup special specialist speed
spice spicy spoon sport sports spring square staff stainless stamp standard star start statement station stationery
status steam steamed steel step stick still stock store stores straight strawberry street strictly strip strong style
sub submit subject subtotal such sugar suit summary sun super supermarket supplied supplier supplies supply support
surcharge survey sweet switch system table tablet take taken tank tap tape tax taxable tea team technology telephone
tell temperature ten tender tendered term terminal terms text than thank thanks that the their them then there these
they this three thru ticket tie till time times tissue title to today toilet tomato tomorrow tool tools top total tour
towel town toy track trade trading traditional transaction transfer transport travel tray trial trip truck tube type
unable under union unit units university unless until up update updates upon upper use used user using valid validity
valuable value van various vegetable vegetables vehicle vehicles verification verified version via video view vinegar
visit void volume voucher waist wait walk wall want warehouse warranty wash watch water way we website week weekend
weekly weight welcome well were what wheat when where which while white whole wholesale why wide will window wine wing
winner wire wireless wish with within without woman wood word work working workshop world would wrapping write wrong
year years yellow yes yet yoghurt you your yourself zero zone
"""

MALAY = """
akaun alamat anda api asam atas ayam badan baharu bahagian bahan baki bandar baru barang barat batu bawah bayar
bayaran beli belian bersih besar bil bilangan bin bintang botol buah bukit bulan bunga butir cawangan cenderahati
cetak cukai dalam dan dari darat daun dengan depan desa dewan diskaun diterima gaji gerai getah goreng gudang gula
hadapan harga hari hijau hingga hitam ialah ibu ikan indah industri ini insurans itu jalan jam jaya jenis jualan
jumlah jurujual kad kadar kain kaki kampung kanan kanak kaunter kawasan kecil kedai kelapa kelas kembali kepada kereta
keluar kertas kilang kira kiri komersial kopi kota kuala kualiti kuning laksa laku lama lebih lebuh lembah lembut lima
limau lorong lot makan makanan malam mamak manis masa masak masuk meja merah minggu minum minuman minyak mula murah
muzium nama nasi negara nelayan niaga nombor nota pagi paling panas pandan pasar pasaraya pejabat pekan pelanggan
pembayaran pembeli penang perabot perdana perindustrian perkhidmatan permai perniagaan persiaran petang pinang pintu
pisang potongan produk pulau pusat putih rakyat raya rendang resit restoran ringgit roti rumah sahaja sama sambal satu
sayur sayuran sebelum sejuk seksyen selatan selepas sen sendirian senja sentral serbuk seri simpan simpang sini stesen
sudah suku sungai susu syarikat tahun taman tambahan tanjung tarikh tawar telah telur tengah tepi terima tidak tiga
timur tingkat tuan tukar tunai ubat udang untuk utama utara waktu wang warna wilayah
"""

WORDS = (*ENGLISH.split(), *MALAY.split())
"""In lower case."""
